from infra.terminal import plain


def test_a_text_gives_the_terminal_no_orders():
    assert plain("é : « a »\x1b]0;x\x07\x9b\u202e") == "é : « a »�]0;x���"
