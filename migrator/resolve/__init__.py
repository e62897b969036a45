"""What a name, a value or an import stands for, across the files of a repository."""
