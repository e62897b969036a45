"""What is known of client libraries: one TOML file for each library, the schema that reads them, and the look-up by name."""
