package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgressIsShownAfterASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out transcript
		p := progressOn(&out)
		p.show("1 of 3")
		synctest.Wait()
		if out.String() != "" {
			t.Errorf("it is shown at once: %q", out.String())
		}
		// Nothing new is said meanwhile: what was said last is what the person waits for.
		<-time.After(progressAfter + time.Millisecond)
		synctest.Wait()
		if got := out.String(); !strings.HasSuffix(got, "1 of 3") {
			t.Errorf("after a second there is %q", got)
		}
		p.show("2 of 3\x1b[2J")
		if got := out.String(); !strings.HasSuffix(got, "\r\x1b[K2 of 3[2J") {
			t.Errorf("then there is %q", got)
		}
		p.done()
		if got := out.String(); !strings.HasSuffix(got, "\r\x1b[K") {
			t.Errorf("it stays: %q", got)
		}
		length := len(out.String())
		p.show("3 of 3")
		p.done()
		if len(out.String()) != length {
			t.Errorf("it is shown after its end: %q", out.String()[length:])
		}
	})
}

func TestProgressOfSomethingShortIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out transcript
		p := progressOn(&out)
		p.show("1 of 1")
		p.show("")
		p.done()
		<-time.After(2 * progressAfter)
		if out.String() != "" {
			t.Errorf("it says %q", out.String())
		}
	})
}

func TestProgressElsewhereIsSilent(t *testing.T) {
	var out transcript
	p := newProgress(&out)
	p.show("1 of 3")
	p.done()
	if out.String() != "" || p.timer != nil {
		t.Errorf("it says %q", out.String())
	}
}
