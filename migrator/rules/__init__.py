"""What is known about each library and each kind of place; the folder is the registry."""
