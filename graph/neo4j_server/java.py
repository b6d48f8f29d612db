"""A Neo4j server out of Maven's artefact and a JDK: the real kernel, Bolt and security, without a package to install."""

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from graph.errors import StoreUnavailable
from graph.neo4j_server.login import Login

HERE = Path(__file__).parent
OLDEST_JAVA = 17
HEAP, PAGES = "512m", "128m"
HEAP_SETTING = "server.memory.heap.max_size"
START_SECONDS, STOP_SECONDS, MAVEN_SECONDS = 180, 30, 900
OPENED = ("java.nio", "java.io", "sun.nio.ch")  # packages of the JDK that the server reaches into
LOG = "server.log"


def can() -> bool:
    """Whether Maven and a new enough JDK are here."""
    if not (shutil.which("mvn") and shutil.which("java") and shutil.which("javac")):
        return False
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    return version is not None and int(version[1]) >= OLDEST_JAVA


def jars(cache: Path) -> str:
    """The server's class path, resolved by Maven once and kept in `cache`. Raises StoreUnavailable."""
    pom = HERE / "pom.xml"
    kept = cache / f"classpath-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    if kept.exists() and all(Path(jar).exists() for jar in kept.read_text().split(os.pathsep)):
        return kept.read_text()
    cache.mkdir(parents=True, exist_ok=True)
    part = (cache / f".classpath-{os.getpid()}").absolute()  # Maven would begin at its own file
    command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:build-classpath", "-DincludeScope=runtime", f"-Dmdep.outputFile={part}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=MAVEN_SECONDS)
    if done.returncode != 0:
        raise StoreUnavailable(
            "Maven 没能取得 Neo4j 服务器，请检查网络和 Maven 设置",
            f"Maven could not get the Neo4j server: {_last(done.stdout + done.stderr)}",
        )
    part.replace(kept)
    return kept.read_text()


def start(folder: Path, login: Login, *, classpath: str, new: bool, watch: int = 0, settings: Mapping[str, str] | None = None) -> int:
    """Start a server on the data of a folder and wait until it answers; returns the number of its process.

    Args:
        login: where it is to listen, and the password that it gets if its data are `new`.
        watch: number of a process with whose end the server ends too.
        settings: of the server, beside ours; its heap is the JVM's.

    Raises:
        StoreUnavailable: it did not start; says where its log is.
    """
    log, settings = folder / LOG, settings or {}
    try:
        _configure(folder, login.uri, settings)
        with log.open("w") as out:
            process = subprocess.Popen(
                [*_java(classpath, settings.get(HEAP_SETTING, HEAP)), str(HERE / "Launcher.java"), str(folder.absolute()), str(watch)],
                stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
    except OSError as problem:
        raise _not_writable(folder, problem) from problem
    assert process.stdin is not None
    with process.stdin as words:
        words.write(f"{login.password if new else ''}\n".encode())
    give_up = time.monotonic() + START_SECONDS
    while "READY\n" not in log.read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > give_up:
            process.kill()
            process.wait()
            raise StoreUnavailable(
                f"Neo4j 没有启动，原因见 {log}（数据目录须可写）",
                f"Neo4j did not start, see {log} (its folder must be writable): {_last(log.read_text(errors='replace'))}",
            )
        time.sleep(0.1)
    process.returncode = 0  # it goes on without us
    return process.pid


def alive(folder: Path, process: int) -> bool:
    """Whether this process is a server of ours on this folder: numbers of processes are used again."""
    told = subprocess.run(["ps", "-ww", "-p", str(process), "-o", "stat=,args="], capture_output=True, text=True, check=False).stdout
    return str(folder.absolute()) in told and "Launcher.java" in told and not told.lstrip().startswith("Z")


def stop(folder: Path, process: int) -> None:
    """Let a server end its work and wait for it; one that does not is killed, which loses nothing that it acknowledged."""
    for sign, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5)):
        if not alive(folder, process):
            return
        os.kill(process, sign)
        give_up = time.monotonic() + seconds
        while alive(folder, process) and time.monotonic() < give_up:
            time.sleep(0.1)


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _configure(folder: Path, uri: str, more: Mapping[str, str]) -> None:
    place = uri.partition("://")[2]
    settings = {
        "server.bolt.enabled": "true",
        "server.bolt.listen_address": place,
        "server.bolt.advertised_address": place,
        "dbms.security.auth_enabled": "true",
        "dbms.usage_report.enabled": "false",
        "server.memory.pagecache.size": PAGES,
        "db.logs.query.enabled": "OFF",
        **more,
    }
    (folder / "conf").mkdir(parents=True, exist_ok=True)
    (folder / "conf" / "neo4j.conf").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))


def _java(classpath: str, heap: str) -> list[str]:
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
    return ["java", f"-Xmx{heap}", "-XX:+UseSerialGC", *opened, "-cp", classpath]


def _not_writable(folder: Path, problem: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        f"Neo4j 的数据目录 {folder} 不能写入（{type(problem).__name__}），请检查磁盘和权限，或换一个目录",
        f"the folder of Neo4j, {folder}, cannot be written ({type(problem).__name__}): check disk and permissions, or choose another",
    )


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("at ")]
    return " | ".join(lines[-3:])
