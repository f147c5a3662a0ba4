"""What the services need from the outside, one small protocol a file; adapters and drivers fulfil them."""
