"""The machine that is measured on, and processes that are measured."""
import json
import os
import platform
import signal
import subprocess
import tempfile
import threading
import time


def describe():
    """Processor, cores, memory and system, as the tables name them."""
    with open("/proc/cpuinfo") as file:
        lines = [line.split(":", 1) for line in file if ":" in line]
    fields = {name.strip(): value.strip() for name, value in lines}
    flags = [flag for flag in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8")
             if flag in fields.get("flags", "").split()]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processor": fields.get("model name", platform.processor()), "family": fields.get("cpu family"),
            "cores": len(os.sched_getaffinity(0)), "flags": flags, "memory_gib": round(memory / 2**30, 1),
            "system": f"{platform.system()} {platform.release()}"}


def _busy():
    """Seconds of CPU time that all processes of the machine have used, and seconds taken by its host."""
    with open("/proc/stat") as file:
        ticks = list(map(int, file.readline().split()[1:]))
    scale = os.sysconf("SC_CLK_TCK")
    return (sum(ticks) - ticks[3] - ticks[4] - ticks[7]) / scale, ticks[7] / scale


def _alone(nice):
    """Puts the process into a scheduling group of its own, of this weight where that is allowed."""
    os.setsid()
    try:
        with open("/proc/self/autogroup", "w") as file:
            file.write(str(nice))
    except OSError:
        pass


class Measurement:
    """One process from start to end: its output, peak resident memory, and what others used meanwhile."""

    def __init__(self, command, timeout, nice, environment=None):
        busy, stolen = _busy()
        start = time.perf_counter()
        with tempfile.TemporaryFile("w+") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, preexec_fn=lambda: _alone(nice),
                                       env={**os.environ, **(environment or {})})
            ending = threading.Timer(timeout, os.killpg, (process.pid, signal.SIGKILL))
            ending.start()
            _, self.status, used = os.wait4(process.pid, 0)
            ending.cancel()
            process.returncode = self.status
            wall = time.perf_counter() - start
            output.seek(0)
            self.output = output.read()
        busy_after, stolen_after = _busy()
        machine = wall * os.cpu_count()
        self.peak_mib = used.ru_maxrss // 1024
        self.foreign = round(max(0.0, busy_after - busy - used.ru_utime - used.ru_stime) / machine, 3)
        self.stolen = round((stolen_after - stolen) / machine, 3)

    def result(self):
        """The last line that holds a JSON object, or None."""
        for line in reversed(self.output.splitlines()):
            text = line.removeprefix("RESULT ")
            if text.startswith("{"):
                return json.loads(text)
        return None
