"""What holds for every test."""

from hypothesis import HealthCheck, settings

# A law is not a timed test: a busy machine must not fail one.
settings.register_profile("poolshift", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("poolshift")
