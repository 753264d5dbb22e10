"""Telling a contract: from a gathered situation, or from the part of it that a party sees, to answers. Pure."""
