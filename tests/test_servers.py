"""Which servers the tests take, which they refuse, and what they say where there are none."""

import pytest

from infra.servers import ServersMissing, find
from infra.servers.apt import mirror
from infra.servers.find import cache_folder
from infra.servers.given import given_kafka, given_mysql
from infra.servers.kafka_binary import find_kafka
from infra.servers.mysql_binary import find_mysql, usable_version


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    """No program on PATH, nothing in the cache, and not root."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setenv("BLAZZ_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("KAFKA_HOME", raising=False)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr("infra.servers.mysql_binary._USUAL_FOLDERS", ())
    monkeypatch.setattr("infra.servers.apt._ADMIN_FOLDERS", ())
    monkeypatch.setattr("os.getuid", lambda: 1000)
    return tmp_path


def program(folder, name, says):
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def test_mariadb_is_refused_by_its_version():
    with pytest.raises(ServersMissing, match=r"MariaDB 10\.11\.6 is refused.*MySQL 8\.4"):
        usable_version("mysqld  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64")


def test_an_old_mysql_is_refused():
    with pytest.raises(ServersMissing, match=r"MySQL 8\.0\.39 is too old: 8\.4 or newer"):
        usable_version("mysqld  Ver 8.0.39 for Linux on x86_64")


def test_a_current_mysql_is_taken():
    assert usable_version("mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))") == "9.7.4"
    assert usable_version("8.4.3") == "8.4.3"


def test_a_mariadb_on_path_is_named_and_passed_over(bare_machine, monkeypatch, capfd):
    program(bare_machine / "bin", "mysqld", "mysqld  Ver 11.4.2-MariaDB for Linux")
    monkeypatch.setenv("PATH", str(bare_machine / "bin"))
    with pytest.raises(ServersMissing, match=r"MariaDB 11\.4\.2 is refused"):
        find_mysql()
    assert "looking further" in capfd.readouterr().err


def test_a_mysqld_on_path_is_taken_before_the_cache(bare_machine, monkeypatch):
    program(bare_machine / "bin", "mysqld", "mysqld  Ver 8.4.5 for Linux on x86_64")
    monkeypatch.setenv("PATH", str(bare_machine / "bin"))
    found = find_mysql()
    assert (found.version, found.origin) == ("8.4.5", str(bare_machine / "bin" / "mysqld"))


@pytest.mark.parametrize(("seek", "what"), [(find_mysql, "MySQL 8.4"), (find_kafka, "Kafka 4.3")])
def test_without_servers_the_text_says_what_to_type(bare_machine, seek, what):
    with pytest.raises(ServersMissing) as missing:
        seek()
    text = str(missing.value)
    assert text.startswith(what)
    for part in (str(bare_machine / "cache"), "docker compose up -d --wait mysql kafka"):
        assert part in text
    assert "./blazz test --fast" in text


@pytest.mark.parametrize(
    ("system", "line"),
    [
        ("debian", "sudo apt-get install -y debootstrap maven"),
        ("ubuntu", "sudo apt-get install -y mysql-server-core maven"),
        ("fedora", "other systems: put mysqld 8.4 or newer, java 17 or newer and mvn on PATH"),
    ],
)
def test_the_commands_are_those_of_this_system(bare_machine, monkeypatch, system, line):
    monkeypatch.setattr(find, "distribution", lambda: system)
    assert line in find.commands_here()


def test_a_kafka_home_of_another_release_is_named_and_passed_over(bare_machine, monkeypatch, capfd):
    (bare_machine / "old" / "libs").mkdir(parents=True)
    (bare_machine / "old" / "libs" / "kafka_2.13-3.9.0.jar").touch()
    monkeypatch.setenv("KAFKA_HOME", str(bare_machine / "old"))
    with pytest.raises(ServersMissing, match=r"KAFKA_HOME is Kafka 3\.9\.0"):
        find_kafka()
    assert "looking further" in capfd.readouterr().err


def test_an_old_java_is_refused(bare_machine, monkeypatch):
    (bare_machine / "new" / "libs").mkdir(parents=True)
    (bare_machine / "new" / "libs" / "kafka_2.13-4.3.1.jar").touch()
    monkeypatch.setenv("KAFKA_HOME", str(bare_machine / "new"))
    program(bare_machine / "bin", "java", 'openjdk version "11.0.2" 2019-01-15')
    monkeypatch.setenv("PATH", str(bare_machine / "bin"))
    with pytest.raises(ServersMissing, match="is Java 11: 17 or newer is needed"):
        find_kafka()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://root@127.0.0.1", "must name a server without a database"),
        ("mysql+pymysql://root@127.0.0.1:3306/shop", "must name a server without a database"),
        ("mysql+pymysql://root@127.0.0.1:port", "must name a server without a database"),
        ("mysql+pymysql://root@127.0.0.1:1", "no MySQL answers at 127.0.0.1:1"),
    ],
)
def test_a_named_mysql_that_cannot_be_used_is_an_error(monkeypatch, url, message):
    monkeypatch.setenv("BLAZZ_TEST_MYSQL_URL", url)
    with pytest.raises(ServersMissing, match=message):
        given_mysql()


@pytest.mark.parametrize(
    ("bootstrap", "message"),
    [("broker", "must be host:port"), ("127.0.0.1:1", "no working Kafka at 127.0.0.1:1")],
)
def test_a_named_kafka_that_cannot_be_used_is_an_error(monkeypatch, bootstrap, message):
    monkeypatch.setenv("BLAZZ_TEST_KAFKA", bootstrap)
    with pytest.raises(ServersMissing, match=message):
        given_kafka()


def test_named_servers_are_used_as_they_are(monkeypatch, mysql_url, kafka):
    monkeypatch.setenv("BLAZZ_TEST_MYSQL_URL", mysql_url)
    monkeypatch.setenv("BLAZZ_TEST_KAFKA", kafka)
    url, version = given_mysql()
    assert url == mysql_url
    assert tuple(map(int, version.split("."))) >= (8, 4)
    assert given_kafka()[0] == kafka


ONE_LINE = """\
# deb http://commented.example/debian bookworm main
deb [arch=amd64] https://vendor.example/apt vendor-bookworm main
deb http://security.example/debian-security bookworm-security main
deb [signed-by=/usr/share/keyrings/k.gpg arch=amd64] http://one.example/debian/ bookworm main
"""
DEB822 = """\
Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb deb-src
# a comment inside
URIs:
 {address}
Suites: trixie trixie-updates
Components: main contrib
"""


def test_the_mirror_is_read_from_one_line_sources(tmp_path):
    (tmp_path / "sources.list").write_text(ONE_LINE)
    assert mirror(tmp_path) == "http://one.example/debian"


def test_the_mirror_is_read_from_deb822_sources(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    listing = tmp_path / "sources.list.d" / "debian.sources"
    listing.write_text(DEB822.format(address="https://two.example/debian"))
    assert mirror(tmp_path) == "https://two.example/debian"


def test_the_mirror_is_read_from_a_list_of_mirrors(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "mirrors").write_text("# best first\nhttps://three.example/debian priority:1\n")
    listing = tmp_path / "sources.list.d" / "debian.sources"
    listing.write_text(DEB822.format(address=f"mirror+file://{tmp_path / 'mirrors'}"))
    assert mirror(tmp_path) == "https://three.example/debian"


def test_no_mirror_is_an_error_that_names_the_place(tmp_path):
    with pytest.raises(ServersMissing, match=f"no package mirror.*{tmp_path}"):
        mirror(tmp_path)


@pytest.mark.parametrize(
    ("env", "folder"),
    [
        ({"BLAZZ_CACHE": "/own"}, "/own"),
        ({"XDG_CACHE_HOME": "/xdg"}, "/xdg/blazz"),
        ({"HOME": "/someone"}, "/someone/.cache/blazz"),
    ],
)
def test_the_cache_is_where_the_environment_says(monkeypatch, env, folder):
    for name in ("BLAZZ_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert str(cache_folder()) == folder


@pytest.mark.parametrize("home", ["", None])
def test_the_cache_has_a_place_without_a_home(monkeypatch, home):
    for name in ("BLAZZ_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    if home is not None:
        monkeypatch.setenv("HOME", home)
    assert cache_folder().is_absolute()
    assert cache_folder().name == "blazz"
