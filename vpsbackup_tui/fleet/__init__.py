"""What is known of servers and backups, and what follows from it. Pure: no I/O and no clock of its own."""
