import pytest

from infra.settings import Settings, SettingsWrong, load


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"BLAZZ_{name.upper()}", raising=False)


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("BLAZZ_READ_PORT", "9000")
    assert load().read_port == 9000


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BLAZZ_READ_PORT", "many", "BLAZZ_READ_PORT: Input should be a valid integer"),
        ("BLAZZ_READ_PORT", "70000", "less than or equal to 65535"),
        ("BLAZZ_STORE_URL", "postgres://x", "BLAZZ_STORE_URL: must be like mysql+pymysql://"),
        ("BLAZZ_LOG", "loud", "BLAZZ_LOG: Input should be 'auto', 'json' or 'text'"),
        ("BLAZZ_WHATSAPP_URL", "graph", "BLAZZ_WHATSAPP_URL: must be like https://"),
        ("BLAZZ_SIMULATOR_WEBHOOK_URL", "foo", "must be like https://"),
        ("BLAZZ_READ_URL", "mysql+pymysql://host", "BLAZZ_READ_URL: must be like"),
        ("BLAZZ_INBOX_ORIGIN", "https://x.example/inbox", "must be like https://host:port, with"),
        ("BLAZZ_COMMAND_ORIGIN", "http://x;script-src *", "must be like https://"),
        ("BLAZZ_FILES_URL", "s3://b", "BLAZZ_FILES_URL: must be like s3://bucket/prefix?region="),
        ("BLAZZ_FILES_URL", "s3://bucket/a/../b?region=r&x=1", "must be like s3://bucket"),
        ("BLAZZ_FILES_URL", "s3://bucket?region=r&endpoint=ftp://x", "must be like https://"),
        ("BLAZZ_TOPIC", "a b", "BLAZZ_TOPIC: must be 1 to 249 letters"),
        ("BLAZZ_SECRET", " ", "BLAZZ_SECRET: must not be empty"),
        ("BLAZZ_WHATSAPP_URL", "https://graph.example/v23.0", "BLAZZ_SECRET: its default"),
        ("BLAZZ_WAHA_URL", "https://waha.example", "BLAZZ_SECRET: its default"),
        ("BLAZZ_WAHA_URL", "http://127.0.0.1:3000", "BLAZZ_SECRET: its default"),
        ("BLAZZ_WHATSAPP_APP_SECRET", ",,", "must not be empty"),
        ("BLAZZ_WHATSAPP_VERIFY_TOKEN", "", "must not be empty"),
        ("BLAZZ_WHATSAPP_TOKEN", "", "must not be empty"),
        ("BLAZZ_WHATSAPP_TOKEN", "é", "signs of ASCII"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(monkeypatch, name, value, words):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsWrong) as refused:
        load()
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_misspelt_variable_is_refused_with_what_was_meant(monkeypatch):
    monkeypatch.setenv("BLAZZ_STROE_URL", "sqlite:///x")
    with pytest.raises(SettingsWrong, match="did you mean BLAZZ_STORE_URL"):
        load()


def test_secrets_and_passwords_show_neither_in_words_nor_in_errors(monkeypatch):
    monkeypatch.setenv("BLAZZ_WHATSAPP_TOKEN", "planted-token")
    monkeypatch.setenv("BLAZZ_STORE_URL", "mysql+pymysql://u:planted-password@h/d")
    assert "planted" not in repr(load())
    monkeypatch.setenv("BLAZZ_STORE_URL", "mysql://u:planted-password@h/d")
    with pytest.raises(SettingsWrong) as refused:
        load()
    assert "planted" not in str(refused.value)


def test_every_setting_says_what_it_is_for(pytestconfig):
    readme = (pytestconfig.rootpath / "README.md").read_text()
    for name in Settings.model_fields:
        assert f"`BLAZZ_{name.upper()}`" in readme, name
