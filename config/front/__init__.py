"""The WSGI front: public documents answered from memory, before Django and without a database.

Nothing is compressed: a key set fits into one packet, and one form needs no `Vary`.
"""
