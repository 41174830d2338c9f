"""The local Elasticsearch node: a JVM inside a process of its own, until SIGTERM. IO: everything a server does.

``python -m holdfast.stack.elasticsearch_node --home H --data D --http-port N --transport-port M --classpath JARS``
"""

import argparse
import shutil
import signal
import threading
from pathlib import Path
from typing import Any

PLUGIN = "transport-netty4"
HEAP = "-Xmx1g"
PLUGIN_DESCRIPTOR = """\
description=HTTP and transport over Netty
version={version}
name=transport-netty4
classname=org.elasticsearch.transport.netty4.Netty4Plugin
java.version=21
elasticsearch.version={version}
"""
LOG4J = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5p %c{1} %m%n%xEx{short}
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


def is_module_jar(path: Path) -> bool:
    """Return whether a jar belongs to the HTTP module rather than to the class path."""
    return path.name.startswith(("netty-", f"{PLUGIN}-"))


def lay_out(home: Path, jars: list[Path], version: str) -> None:
    """Write an Elasticsearch home: the module with its descriptor, and a configuration that only logs."""
    module = home / "modules" / PLUGIN
    for directory in (module, home / "plugins", home / "config", home / "lib"):
        directory.mkdir(parents=True, exist_ok=True)
    wanted = [jar for jar in jars if is_module_jar(jar)]
    for old in module.glob("*.jar"):
        old.unlink()
    for jar in wanted:
        shutil.copy2(jar, module / jar.name)
    (module / "plugin-descriptor.properties").write_text(PLUGIN_DESCRIPTOR.format(version=version))
    (home / "config" / "log4j2.properties").write_text(LOG4J)
    (home / "config" / "elasticsearch.yml").write_text("")


def node_settings(home: Path, data: Path, host: str, http_port: int, transport_port: int) -> dict[str, str]:
    """Return the settings of a single node on loopback."""
    return {
        "path.home": str(home),
        "path.data": str(data),
        "path.logs": str(home / "logs"),
        "cluster.name": "holdfast-local",
        "node.name": "holdfast-local",
        "discovery.type": "single-node",
        "http.host": host,
        "http.port": str(http_port),
        "transport.host": "127.0.0.1",
        "transport.port": str(transport_port),
        # A laptop's disk is often nearly full; `holdfast doctor` watches it instead of indices turning read-only.
        "cluster.routing.allocation.disk.threshold_enabled": "false",
        "cluster.max_shards_per_node": "20000",
        "action.destructive_requires_name": "true",
    }


def start_node(home: Path, classpath: list[str], settings: dict[str, str], jvm_options: list[str]) -> Any:
    """Start a JVM in this process and a node in it.

    Returns:
        The node, a Java object with ``close()``.
    """
    import jpype

    from holdfast.stack.java import jvm_library

    jpype.startJVM(
        str(jvm_library()),
        HEAP,
        "-Xrs",  # signals are ours
        "-XX:+UseSerialGC",
        "-XX:+ExitOnOutOfMemoryError",
        f"-Des.path.home={home}",
        "-Des.distribution.type=zip",
        "-Dlog4j2.disable.jmx=true",
        "-Djava.awt.headless=true",
        "--add-opens=java.base/java.io=ALL-UNNAMED",
        "--enable-native-access=ALL-UNNAMED",
        *jvm_options,
        classpath=classpath,
    )
    builder = jpype.JClass("org.elasticsearch.common.settings.Settings").builder()
    for key, value in settings.items():
        builder = builder.put(key, value)
    paths = jpype.JClass("java.nio.file.Paths")
    environment = jpype.JClass("org.elasticsearch.env.Environment")(builder.build(), paths.get(str(home / "config")))
    logging = jpype.JClass("org.elasticsearch.common.logging.LogConfigurator")
    logging.registerErrorListener()
    logging.configure(environment, True)
    loader = jpype.JClass("org.elasticsearch.plugins.PluginsLoader")
    modules = loader.loadModulesBundles(paths.get(str(home / "modules")), False)
    plugins = loader.loadPluginsBundles(paths.get(str(home / "plugins")), False)
    loaded = loader.createPluginsLoader(modules, plugins, jpype.JClass("java.util.HashMap")(), False)
    node = jpype.JClass("org.elasticsearch.node.Node")(environment, loaded)
    node.start()
    return node


def main() -> None:
    """Run the node until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--transport-port", type=int, required=True)
    parser.add_argument("--classpath", required=True, help="jars, separated by colons")
    parser.add_argument("--jvm-options", default="", help="further options, separated by spaces")
    given = parser.parse_args()
    ended = threading.Event()
    settings = node_settings(given.home, given.data, given.host, given.http_port, given.transport_port)
    node = start_node(given.home, given.classpath.split(":"), settings, given.jvm_options.split())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    node.close()


if __name__ == "__main__":
    main()
