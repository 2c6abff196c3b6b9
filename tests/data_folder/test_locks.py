from flaskr.data_folder import locks


def test_lock_is_held_by_one(tmp_path):
    file = tmp_path / "a.lock"
    with (
        locks.hold(file) as first,
        locks.hold(file) as second,
        locks.hold(file, shared=True) as third,
    ):
        assert (first, second, third) == (True, False, False)
    with locks.hold(file) as again:
        assert again


def test_shared_lock_is_held_by_several(tmp_path):
    file = tmp_path / "a.lock"
    with locks.hold(file, shared=True) as first, locks.hold(file, shared=True) as second:
        assert (first, second) == (True, True)
        with locks.hold(file) as third:
            assert not third


def test_file_that_cannot_be_made_locks_nothing(tmp_path):
    with locks.hold(tmp_path / "missing" / "a.lock") as is_free:
        assert is_free


def test_file_that_is_no_lock_locks_nothing(tmp_path):
    (tmp_path / "a.lock").mkdir()
    with locks.hold(tmp_path / "a.lock") as is_free:
        assert is_free
