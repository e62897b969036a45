"""What calls give to the classes and functions of the tree that send requests."""
