#!/usr/bin/env python3
"""The controller of tunnel_counters: tunnel 100 from h1 to h2 by way of s3, tunnel 200 straight back; then it shows the counters at
both ends whenever they have changed.

usage: controller.py S1 S2 S3        the names of the three instances
"""
import json
import os
import subprocess
import sys
import time

P4BPF = os.environ.get("P4BPF", "p4bpf")
TO_H2, TO_H1 = 100, 200


def p4bpf(*words):
    return subprocess.run([P4BPF, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True).stdout


def set_up(s1, s2, s3):
    # Far ends first, so that no packet enters a tunnel that does not go on.
    p4bpf("table", "add", f"{s2}:tunnels", f"id={TO_H2}", "leave", "mac=02:00:00:00:02:01", "port=1")
    p4bpf("table", "add", f"{s3}:tunnels", f"id={TO_H2}", "pass_on", "port=3")
    p4bpf("table", "add", f"{s1}:tunnels", f"id={TO_H2}", "pass_on", "port=3")
    p4bpf("table", "add", f"{s1}:routes", "dst=10.0.2.0/24", "enter", f"id={TO_H2}")
    p4bpf("table", "add", f"{s1}:tunnels", f"id={TO_H1}", "leave", "mac=02:00:00:00:01:01", "port=1")
    p4bpf("table", "add", f"{s2}:tunnels", f"id={TO_H1}", "pass_on", "port=2")
    p4bpf("table", "add", f"{s2}:routes", "dst=10.0.1.0/24", "enter", f"id={TO_H1}")


def count(instance, counter, tunnel):
    return json.loads(p4bpf("counter", "show", f"{instance}:{counter}", tunnel, "--json"))["values"][0]["packets"]


def main(s1, s2, s3):
    set_up(s1, s2, s3)
    print("the tunnels are there", flush=True)
    shown = None
    while True:
        now = [(f"{first} -> {last}, tunnel {tunnel}", count(first, "entered", tunnel), count(last, "left", tunnel))
               for first, last, tunnel in ((s1, s2, TO_H2), (s2, s1, TO_H1))]
        if now != shown:
            for name, entered, left in now:
                print(f"{name}: entered {entered}, left {left}", flush=True)
            shown = now
        time.sleep(1)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: controller.py S1 S2 S3")
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        pass
