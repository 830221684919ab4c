"""The SMTP door: mail comes in, is checked while its sender is on the line, and is kept before it is acknowledged."""
