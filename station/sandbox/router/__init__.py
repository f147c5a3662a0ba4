"""The ESC-Router sandbox: a process that speaks the published API v2 over HTTP, with a file behind it.

What it keeps to: the 18 operations of the router's OpenAPI document with their statuses and bodies, and what was
measured beside that document (``Authorization: Bearer``, a page is 10 whatever ``size`` says, more than 100 numbers at
once is a 500, 409 with ``ER-0002`` or ``ER-0019``, ``SE-0000`` for what belongs to others, 410 after anonymising).

What it does not simulate: organisations and their administration, verifiable credentials, mail to students, load, and
the codes of errors that nobody has published: a code that begins with ``SX`` is the sandbox's own.
"""
