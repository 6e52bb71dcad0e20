"""Hop, TLS and listening sockets, each in a process with a reactor of its own or with none."""

import os
import socket
import ssl
import subprocess
import sys
import textwrap

import pytest

from odcore.config.types import HostPort
from odcore.errors import Fault, Kind
from odcore.net.listen import Admission, is_free, open_sockets
from odcore.net.tls import KeyPair, ServerTls
from odsuite import certs


def run(program: str, *argv: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *argv], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_calls_run_in_threads_and_bring_back_results_and_faults():
    written = run("""
        import threading
        from twisted.internet import reactor
        from twisted.internet.defer import Deferred
        from odcore.errors import Fault, Kind
        from odcore.net.hop import Hop

        hop = Hop(reactor, 3)
        main = threading.get_ident()

        def add(a, b=0):
            assert threading.get_ident() != main
            return a + b

        def fail():
            raise Fault(Kind.NOT_FOUND, "no such thing")

        async def work():
            print(await hop.call(add, 1, b=2))
            try:
                await hop.call(fail)
            except Fault as fault:
                print(fault.text, threading.get_ident() == main)
            waiting = [hop.call(add, number) for number in range(1000)]
            print(sum([await each for each in waiting]))
            elsewhere = lambda done: threading.Thread(target=done, args=("from elsewhere",)).start()
            print(await hop.soon(elsewhere))
            for begin in (lambda done: done(Fault(Kind.LIMIT, "later")), lambda done: fail()):
                try:
                    await hop.soon(begin)
                except Fault as fault:
                    print(fault.text, threading.get_ident() == main)
            hop.stop(5)
            reactor.stop()

        reactor.callWhenRunning(lambda: Deferred.fromCoroutine(work()).addErrback(lambda f: f.printTraceback()))
        reactor.run()
    """)
    assert written.splitlines() == [
        "3",
        "no such thing True",
        str(sum(range(1000))),
        "from elsewhere",
        "later True",
        "no such thing True",
    ]


def test_stop_waits_for_the_call_that_has_begun():
    written = run("""
        import threading
        from twisted.internet import reactor
        from odcore.net.hop import Hop

        hop, begun, go_on = Hop(reactor, 1), threading.Event(), threading.Event()

        def slow():
            begun.set()
            go_on.wait(10)
            print("committed")

        hop.call(slow)
        begun.wait(10)
        threading.Timer(0.05, go_on.set).start()
        hop.stop(10)
        print("stopped")
    """)
    assert written.splitlines() == ["committed", "stopped"]


SERVER = """
import sys
from pathlib import Path
from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol
from odcore import log
from odcore.config.types import HostPort
from odcore.net.listen import adopt, open_sockets
from odcore.net.tls import KeyPair, ServerTls

log.configure("server")

class Greeting(Protocol):
    def connectionMade(self):
        self.transport.write(b"hello")
        self.transport.loseConnection()

folder = Path(sys.argv[1])
tls = ServerTls([KeyPair(folder / "server.pem", folder / "server.key"), *(
    KeyPair(other / "server.pem", other / "server.key") for other in map(Path, sys.argv[2:]))])
[opened] = open_sockets([HostPort("127.0.0.1:0")])
print(opened.getsockname()[1], flush=True)
adopt(reactor, opened.detach(), Factory.forProtocol(Greeting), tls)

def lines():
    for line in sys.stdin:
        reactor.callFromThread(lambda: print(tls.reload(), flush=True))
    reactor.callFromThread(reactor.stop)

reactor.callInThread(lines)
reactor.run()
"""


class TlsServer:
    """A server process; `reload()` tells whether it took new files into use."""

    def __init__(self, *folders):
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, *map(str, folders)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.stdin.close()
        self.process.wait(10)

    def reload(self) -> bool:
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline() == "True\n"

    def certificate(self, authority, name="localhost", **limits) -> bytes:
        context = ssl.create_default_context(cafile=authority)
        for limit, value in limits.items():
            setattr(context, limit, value)
        with (
            socket.create_connection(("127.0.0.1", self.port)) as plain,
            context.wrap_socket(plain, server_hostname=name) as secure,
        ):
            assert secure.recv(10) == b"hello"
            assert any(kind in secure.cipher()[0] for kind in ("GCM", "POLY1305"))
            return secure.getpeercert(binary_form=True)


def test_a_new_certificate_is_used_without_a_restart_and_a_broken_one_is_not(tmp_path):
    authority = certs.ensure(tmp_path, ["localhost"])
    with TlsServer(tmp_path) as server:
        first = server.certificate(authority)
        assert not server.reload()
        certs.issue(tmp_path, ["localhost"])
        assert server.reload()
        second = server.certificate(authority)
        assert first != second
        (tmp_path / "server.pem").write_text("nonsense")
        assert not server.reload()
        assert server.certificate(authority) == second


def test_the_name_a_client_asks_for_chooses_the_certificate(tmp_path):
    one = certs.ensure(tmp_path / "one", ["one.example"])
    two = certs.ensure(tmp_path / "two", ["*.two.example"])
    with TlsServer(tmp_path / "one", tmp_path / "two") as server:
        assert server.certificate(one, "one.example") != server.certificate(two, "mail.two.example")
        with pytest.raises(ssl.SSLCertVerificationError):
            server.certificate(one, "unknown.example")


def test_nothing_older_than_tls_1_2_is_spoken(tmp_path):
    authority = certs.ensure(tmp_path, ["localhost"])
    with TlsServer(tmp_path) as server:
        server.certificate(authority, maximum_version=ssl.TLSVersion.TLSv1_2)
        with pytest.raises(ssl.SSLError), pytest.warns(DeprecationWarning, match="TLSv1"):
            server.certificate(authority, minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)


def test_a_certificate_without_its_key_is_refused_at_the_start(tmp_path):
    certs.ensure(tmp_path / "one", ["localhost"])
    certs.ensure(tmp_path / "two", ["localhost"])
    with pytest.raises(Fault):
        ServerTls([KeyPair(tmp_path / "one" / "server.pem", tmp_path / "two" / "server.key")])


def test_keys_are_private_and_a_good_certificate_stays(tmp_path):
    certs.ensure(tmp_path, ["localhost"])
    before = (tmp_path / "server.pem").read_bytes()
    certs.ensure(tmp_path, ["localhost"])
    assert (tmp_path / "server.pem").read_bytes() == before
    certs.ensure(tmp_path, ["localhost", "other.example"])
    assert (tmp_path / "server.pem").read_bytes() != before
    for name in ("ca.key", "server.key"):
        assert os.stat(tmp_path / name).st_mode & 0o777 == 0o600


def test_a_taken_address_is_a_fault_that_names_it_and_leaves_nothing_open():
    [first] = open_sockets([HostPort("127.0.0.1:0")])
    with first:
        taken = HostPort(f"127.0.0.1:{first.getsockname()[1]}")
        assert not is_free(taken)
        with pytest.raises(Fault) as caught:
            open_sockets([HostPort("127.0.0.1:0"), taken])
    assert caught.value.kind is Kind.IN_USE
    assert taken in caught.value.text
    assert is_free(taken)


def test_every_address_means_both_families():
    [opened] = open_sockets([HostPort("*:0")])
    with opened:
        port = opened.getsockname()[1]
        for address in ("127.0.0.1", "::1"):
            socket.create_connection((address, port), timeout=5).close()


def test_connections_are_counted_in_all_and_by_network():
    admission = Admission(total=3, each=2)
    assert [admission.admit("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert admission.admit("192.0.2.2")
    assert not admission.admit("192.0.2.3")
    admission.leave("192.0.2.1")
    assert admission.admit("192.0.2.1")


def test_addresses_of_one_ipv6_network_count_together_and_mapped_ones_as_ipv4():
    admission = Admission(total=10, each=1)
    assert admission.admit("2001:db8::1")
    assert not admission.admit("2001:db8::ffff:2")
    assert admission.admit("2001:db8:0:1::1")
    assert admission.admit("::ffff:192.0.2.1")
    assert not admission.admit("192.0.2.1")


def test_a_network_comes_only_so_often_within_a_minute_and_guessing_makes_it_less():
    now = [1000.0]
    admission = Admission(100, 100, per_minute=20, now=lambda: now[0])
    assert [admission.admit("192.0.2.7") for _ in range(21)] == [True] * 20 + [False]
    assert admission.admit("192.0.2.8")
    assert admission.admit("2001:db8::1")
    now[0] += 60
    assert admission.admit("192.0.2.7")
    admission.burden("192.0.2.7", 20)
    assert not admission.admit("192.0.2.7")
    assert admission.admit("192.0.2.8")


def test_this_machine_is_not_counted_by_the_minute():
    admission = Admission(1000, 1000, per_minute=1)
    assert all(
        admission.admit(address)
        for address in ("127.0.0.1", "127.0.0.1", "127.0.0.3", "127.0.0.3", "::1", "::1", "", "")
    )
