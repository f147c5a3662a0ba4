"""Card printers: what a driver's author imports, the table of drivers, and the drivers."""
