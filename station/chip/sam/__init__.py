"""NXP's MIFARE SAM, as far as its commands are public; bytes in and bytes out."""
