"""What later stages ask of the facts: of files, of mentions of variables, and where keys come from."""
