#!/usr/bin/env python3
"""Boots a Debian 6.1 kernel in qemu and runs tests in it; slow where qemu must emulate.

usage: tests/kernel61/run.py [--limit SECONDS] P4BPF [NAME...]

The guest sees this machine's files read-only (9p), with a writable layer in memory over them, so it runs the same p4bpf, clang and
tests. `./setup --kernel61` brings qemu, a static busybox, and the kernel's package, which is unpacked into build/kernel61 and not installed.
Without them the exit status is 77. Each test is a line `PASS|FAIL|SKIP name: ...`; the last is `N passed, N failed, N skipped`. NAME picks tests
that have it in their names."""
import argparse
import gzip
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
KERNEL = ROOT / "build/kernel61"
UNAVAILABLE = 77
# What the guest's /init loads, with what these depend on: disks of the host, the network of the tests.
MODULES = ["virtio_pci", "9pnet_virtio", "9p", "overlay", "veth", "tun", "sch_ingress", "cls_bpf", "act_bpf"]
INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /host /top /guest
export PATH=/bin
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
busybox mount -t devtmpfs dev /dev
for module in {modules}; do busybox insmod /modules/$module || echo "GUEST no module $module"; done
busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro host /host || echo "GUEST no host"
busybox mount -t tmpfs tmpfs /top
busybox mkdir /top/upper /top/work
busybox mount -t overlay -o lowerdir=/host,upperdir=/top/upper,workdir=/top/work overlay /guest || echo "GUEST no overlay"
for folder in proc sys dev; do busybox mount --move /$folder /guest/$folder; done
busybox mount -t tmpfs tmpfs /guest/tmp
busybox mount -t tmpfs tmpfs /guest/run
busybox mount -t bpf bpf /guest/sys/fs/bpf
busybox chroot /guest /bin/sh -c {command}
echo "GUEST done"
busybox chroot /guest /bin/sh -c 'echo o > /proc/sysrq-trigger'
busybox sleep 10
"""


def missing():
    """What is not there, if anything."""
    for tool in ("qemu-system-x86_64", "busybox"):
        if not shutil.which(tool):
            return f"no {tool}"
    return "" if list(KERNEL.glob("boot/vmlinuz-6.1.*")) else "no kernel in build/kernel61"


def modules_in_order():
    """Paths of the modules, each behind those that it needs."""
    folder = next(KERNEL.glob("lib/modules/6.1.*"))
    paths = {path.name.split(".")[0].replace("-", "_"): path for path in folder.rglob("*.ko*")}
    order = []

    def add(name):
        path = paths.get(name)
        if path is None or path in order:
            return
        depends = re.search(rb"\0depends=([^\0]*)\0", path.read_bytes())
        for needed in filter(None, depends[1].decode().split(",") if depends else []):
            add(needed.replace("-", "_"))
        order.append(path)

    for name in MODULES:
        add(name)
    return order


def cpio(files):
    """An initramfs in the `newc` format: {name: (mode, bytes)}."""
    out = bytearray()
    for number, (name, (mode, data)) in enumerate([*files.items(), ("TRAILER!!!", (0, b""))], 1):
        fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        out += b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        out += bytes(-len(out) % 4) + data
        out += bytes(-len(out) % 4)
    return bytes(out)


def initramfs(command):
    modules = modules_in_order()
    init = INIT.format(modules=" ".join(path.name for path in modules), command=shlex.quote(command))
    files = {"bin": (0o040755, b""), "modules": (0o040755, b""), "init": (0o100755, init.encode()),
             "bin/busybox": (0o100755, pathlib.Path(shutil.which("busybox")).read_bytes())}
    for path in modules:
        files[f"modules/{path.name}"] = (0o100644, path.read_bytes())
    return gzip.compress(cpio(files), 1)


def boot(command, limit):
    """Runs a shell command in the guest; yields the lines that it writes."""
    with tempfile.NamedTemporaryFile(suffix=".cpio.gz") as image:
        image.write(initramfs(command))
        image.flush()
        kernel = next(KERNEL.glob("boot/vmlinuz-6.1.*"))
        argv = ["timeout", str(limit), "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-m", "3072", "-smp", "2",
                "-nographic", "-no-reboot", "-nodefaults", "-serial", "stdio", "-kernel", str(kernel), "-initrd", image.name,
                "-append", "console=ttyS0 quiet panic=-1 mitigations=off",
                "-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"]
        guest = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        with guest:
            for line in guest.stdout:
                yield line.decode(errors="replace").rstrip()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--limit", type=int, default=3000, help="seconds for all of it")
    parser.add_argument("--show", action="store_true", help="print all that the guest says")
    parser.add_argument("p4bpf")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    why = missing()
    if why:
        print(f"SKIP: {why}: ./setup --kernel61 brings it\n0 passed, 0 failed, 1 skipped")
        return UNAVAILABLE
    inside = ["/usr/bin/python3", str(ROOT / "tests/kernel61/inside.py"), str(pathlib.Path(args.p4bpf).resolve()), *args.names]
    last = ""
    for line in boot(shlex.join(inside), args.limit):
        if args.show or line.startswith(("PASS", "FAIL", "SKIP", "GUEST no", "    ", "Linux")):
            print(line, flush=True)
        if line.endswith(" skipped") and " passed, " in line:
            last = line
    print(last or "FAIL the guest did not come to an end\n0 passed, 1 failed, 0 skipped")
    return 0 if last and " 0 failed" in last else 1


if __name__ == "__main__":
    sys.exit(main())
