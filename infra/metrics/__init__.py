"""What operators see of a running installation: figures, and whether it is ready."""
