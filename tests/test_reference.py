from helpers import provenance, reference


def test_slowness_is_the_median_job_in_units_of_the_reference_machine(monkeypatch):
    times = iter([0.9, 5.0, 0.3])
    monkeypatch.setattr(reference, "_timed_job", lambda: next(times))
    assert reference.slowness() == 0.9 / reference.REFERENCE


def test_chapters_publish_seconds_of_this_and_of_the_reference_machine(monkeypatch):
    glued = {}
    keep = lambda name, value, display: glued.update({name: value})  # noqa: E731
    monkeypatch.setattr(provenance, "glue", keep)
    monkeypatch.setattr(provenance, "slowness", lambda: 2.5)
    provenance.publish(provenance.Scale.QUICK, budget=15)
    assert glued["cpu_seconds"] == 2.5 * glued["reference_seconds"] > 0
    assert glued["budget"] == 15.0
    assert "cores" in glued["processor"]
