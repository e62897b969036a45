"""What is known of client libraries."""
