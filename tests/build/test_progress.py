from helpers.build.progress import Progress


def test_the_rest_is_estimated_from_what_the_finished_chapters_took():
    now = [0.0]
    progress = Progress({"01": 120.0, "02": 240.0, "03": 120.0}, lambda: now[0])
    now[0] = 60.0  # two at a time: 120 recorded seconds in 60
    assert progress.finish("01") == "chapter 1 of 3 done, about 3 min left"
    now[0] = 360.0  # this machine turned out slower: 360 recorded seconds in 360
    assert progress.finish("02") == "chapter 2 of 3 done, about 2 min left"
    assert progress.finish("03") == "chapter 3 of 3 done"


def test_without_a_record_of_a_chapter_only_the_count_is_told():
    progress = Progress({"01": 120.0, "02": 0.0})
    assert progress.finish("01") == "chapter 1 of 2 done"
