"""Hypothesis runs the same examples every time; HYPOTHESIS_PROFILE=explore looks for new ones."""

import os

import structlog
from hypothesis import HealthCheck, settings

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", settings.get_profile("ci"), derandomize=False, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# A served log shares this process with commands whose output is read: its lines go nowhere.
structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
