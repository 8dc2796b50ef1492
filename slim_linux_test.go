package main

import (
	"bytes"
	"reflect"
	"testing"
)

const someSmaps = `00400000-00500000 r-xp 00000000 fe:00 12 /opt/a folder/sparky
Rss:                 100 kB
Private_Dirty:       100 kB
Anonymous:             0 kB
Swap:                  0 kB
VmFlags: rd ex mr mw me
00500000-00600000 r--p 00100000 fe:00 12 /opt/a folder/sparky
Private_Dirty:         0 kB
Anonymous:             0 kB
00600000-00601000 r--p 00200000 fe:00 12 /opt/a folder/sparky
Private_Dirty:         0 kB
Anonymous:             4 kB
00700000-00800000 rw-p 00200000 fe:00 12 /opt/a folder/sparky
Private_Dirty:         0 kB
00800000-00900000 r--p 00000000 fe:00 13 /lib/libc.so
Private_Dirty:         0 kB
00900000-00a00000 rw-p 00000000 00:00 0
Private_Dirty:         0 kB
00a00000-00b00000 r--p 00300000 fe:00 12 /opt/a folder/sparky
Anonymous:             0 kB
Swap:                  8 kB
00zz0000-00c00000 r--p 00300000 fe:00 12 /opt/a folder/sparky
00d00000-00e00000 r--p 00400000 fe:00 12 /opt/a folder/sparky
`

func TestOnlyWhatNobodyWroteIsGivenBack(t *testing.T) {
	want := []span{{0x400000, 0x500000}, {0x500000, 0x600000}}
	if got := unchanged(bytes.NewReader([]byte(someSmaps)), "/opt/a folder/sparky"); !reflect.DeepEqual(got, want) {
		t.Errorf("%x", got)
	}
	if got := unchanged(bytes.NewReader(nil), "/opt/a folder/sparky"); len(got) != 0 {
		t.Errorf("of nothing %x", got)
	}
}

// What is given back is there again when it is used.
func TestTheProgramGoesOnWithoutItsStart(t *testing.T) {
	before := statusOf(t, selfPID(), "RssFile:")
	letGoOfStart()
	after := statusOf(t, selfPID(), "RssFile:")
	if after >= before {
		t.Errorf("%d kB of the file were in memory, and %d are", before>>10, after>>10)
	}
	t.Logf("of %d kB %d are left", before>>10, after>>10)
	if got := calmPage[:8]; got != `{"page":` {
		t.Errorf("a text of the program reads %q", got)
	}
}
