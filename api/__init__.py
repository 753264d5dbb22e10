"""The HTTP interface. Not built yet: this package holds its place on the top floor."""
