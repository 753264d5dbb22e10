"""Pages for people: what the log tells, as HTML that is whole without a script. Rendered here, static files beside."""
