"""What holds for all tests."""

from hypothesis import settings

# No deadline: a machine that is busy with other tests is slow, and that is not what a property is about.
settings.register_profile("sidecar", deadline=None)
settings.load_profile("sidecar")
