"""How things look: tables and sentences for people, plain objects for machines."""
