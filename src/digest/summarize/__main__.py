"""The model's process: the network is closed before anything else is loaded, whatever the run may do."""

from digest import offline


def main() -> None:
    """Close the network, then serve the model to the parent."""
    offline.close()  # where it may enter no namespace, the guard has to do
    from digest.summarize.child import main as serve

    serve()


if __name__ == "__main__":
    main()
