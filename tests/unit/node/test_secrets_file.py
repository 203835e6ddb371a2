"""``.env``: what the user wrote stays, what is missing is made, and nobody else may read it."""

import os

import bcrypt
import pytest
import yaml

from helios_desktop.errors import SettingsError
from helios_desktop.node.secrets_file import PASSWORDS, complete_variables, new_password, opensearch_users, read_variables


@pytest.fixture
def example(tmp_path):
    path = tmp_path / ".env.example"
    path.write_text("# versions\nOPENSEARCH_VERSION=3.3.2\nES_PORT=9200\n", encoding="utf-8")
    return path


def test_a_new_file_has_the_examples_variables_and_passwords(tmp_path, example):
    made = complete_variables(tmp_path / ".env", example)
    assert read_variables(tmp_path / ".env") == made
    assert made["OPENSEARCH_VERSION"] == "3.3.2"
    assert len({made[name] for name in PASSWORDS}) == len(PASSWORDS)
    assert all(len(made[name]) == 40 and made[name].isalnum() for name in PASSWORDS)
    assert "# versions" in (tmp_path / ".env").read_text(encoding="utf-8")


def test_passwords_are_made_once(tmp_path, example):
    made = complete_variables(tmp_path / ".env", example)
    content = (tmp_path / ".env").read_bytes()
    assert complete_variables(tmp_path / ".env", example) == made
    assert (tmp_path / ".env").read_bytes() == content


def test_what_the_user_wrote_stays(tmp_path, example):
    mine = "# mine\nexport ES_PORT=9300\nOPENSEARCH_PASSWORD='chosen by me'\nES_PASSWORD=\n"
    (tmp_path / ".env").write_text(mine, encoding="utf-8")
    made = complete_variables(tmp_path / ".env", example)
    assert made["ES_PORT"] == "9300"
    assert made["OPENSEARCH_PASSWORD"] == "chosen by me"
    assert len(made["ES_PASSWORD"]) == 40
    text = (tmp_path / ".env").read_text(encoding="utf-8")
    assert "# mine" in text
    assert text.count("ES_PASSWORD=") == 1


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_the_file_is_for_this_user_alone_even_where_it_was_open(tmp_path, example):
    complete_variables(tmp_path / ".env", example)
    (tmp_path / ".env").chmod(0o644)
    complete_variables(tmp_path / ".env", example)
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_no_text_is_a_sentence(tmp_path, example):
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        complete_variables(tmp_path / ".env", example)


def test_opensearch_gets_hashes_and_no_passwords():
    variables = {"OPENSEARCH_PASSWORD": new_password(), "OPENSEARCH_DASHBOARDS_PASSWORD": new_password()}
    content = opensearch_users(variables)
    assert not any(password.encode() in content for password in variables.values())
    users = yaml.safe_load(content)
    assert users["_meta"] == {"type": "internalusers", "config_version": 2}
    assert bcrypt.checkpw(variables["OPENSEARCH_PASSWORD"].encode(), users["admin"]["hash"].encode())
    assert bcrypt.checkpw(variables["OPENSEARCH_DASHBOARDS_PASSWORD"].encode(), users["kibanaserver"]["hash"].encode())
    assert users["admin"]["backend_roles"] == ["admin"]
    assert "backend_roles" not in users["kibanaserver"]
    with pytest.raises(SettingsError, match="longer than 72"):
        opensearch_users({**variables, "OPENSEARCH_PASSWORD": "x" * 73})
