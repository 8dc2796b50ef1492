package main

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// letGoOfStart gives back what of the program's own file is in memory: most of it are code and tables that only the beginning of
// packages needed, and what is used is there again at its next use. Where the system does not tell, nothing is done.
func letGoOfStart() {
	name, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer file.Close()
	for _, part := range unchanged(file, name) {
		// An error means that it stays in memory, which does no harm.
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, part.from, part.to-part.from, syscall.MADV_DONTNEED)
	}
}

// span is a part of this process's memory.
type span struct{ from, to uintptr }

// unchanged are the parts of the file that are in memory to be read or run, and of which no page was changed, as a loader does:
// that would be lost. See https://man7.org/linux/man-pages/man5/proc_pid_smaps.5.html.
func unchanged(smaps io.Reader, name string) []span {
	var found []span
	var now span
	ours, told, clean := false, false, true
	end := func() {
		if ours && told && clean {
			found = append(found, now)
		}
	}
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 {
			continue
		}
		if from, to, ok := strings.Cut(fields[0], "-"); ok && len(fields) >= 5 {
			end()
			a, errA := strconv.ParseUint(from, 16, strconv.IntSize)
			b, errB := strconv.ParseUint(to, 16, strconv.IntSize)
			now, told, clean = span{uintptr(a), uintptr(b)}, false, true
			ours = errA == nil && errB == nil && a < b && (fields[1] == "r-xp" || fields[1] == "r--p") && strings.Join(fields[5:], " ") == name
			continue
		}
		if fields[0] == "Anonymous:" || fields[0] == "Swap:" {
			told, clean = true, clean && len(fields) > 1 && fields[1] == "0"
		}
	}
	end()
	return found
}
