"""Another language while a run is on the stage: the pictures are mounted anew, values stay."""


def test_the_stage_and_the_choices_follow_another_language(open_lab):
    lab = open_lab(viewport=(1440, 1800))  # the whole sidebar: scrolling would close an open list
    labels = lab.page.locator(".stage [data-role=play-label]")
    lab.choose("Negative phase", "Persistent CD")
    lab.press("step10")
    lab.wait_for_step(10)

    lab.choose("Language / Sprache", "Deutsch")
    # One alone: the English stage has left
    lab.wait(lambda: labels.all_inner_texts() == ["Abspielen"], "German words")
    lab.wait_for_step(10)
    lab.enter("Lernrate", 0.2)  # the browser sends all choices again, by their German names
    lab.press("step1")
    lab.wait_for_step(11)
    assert lab.role("negative-meaning").inner_text().endswith("PCD\u20111")

    lab.choose("Language / Sprache", "English")
    lab.wait(lambda: labels.all_inner_texts() == ["Play"], "English words")
    lab.press("step1")
    lab.wait_for_step(12)
    assert lab.role("negative-meaning").inner_text() == "negative phase · model, PCD\u20111"
