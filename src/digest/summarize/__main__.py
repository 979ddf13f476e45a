"""The model's process: the network is closed before anything else is loaded, whatever the run may do."""

from digest import namespace, offline


def main() -> None:
    """Close the network, then serve the model to the parent."""
    offline.forbid_network()
    namespace.enter()  # where it may not, the guard above has to do
    from digest.summarize.child import main as serve

    serve()


if __name__ == "__main__":
    main()
