"""What comes back from readers: mail that came in, what they say by the link in a mail, and who hears of it inside."""
