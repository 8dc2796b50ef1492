package main

import (
	"bufio"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// floorProgram is the name under which the test binary is the program that the floors are measured with, a process of its
// own as Sparky is: `floor ADDRESS RATE SECONDS DATABASE`. A rate of 0 is as fast as it goes.
const floorProgram = "bench-floor"

// floor asks an address and inserts a row for each answer, and nothing else: ten at a time, side by side, one transaction
// for the ten. It says how many there were and how much processor time they took.
func floor() {
	rate, _ := strconv.Atoi(os.Args[2])
	seconds, _ := strconv.Atoi(os.Args[3])
	if err := bareWork(os.Args[1], rate, time.Duration(seconds)*time.Second, os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func bareWork(address string, rate int, during time.Duration, path string) error {
	db, err := sql.Open("sqlite", path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`create table results (at integer, probe integer, took integer)`); err != nil {
		return err
	}
	insert, err := db.Prepare(`insert into results values (?, ?, ?)`)
	if err != nil {
		return err
	}
	group := 10
	pause := time.Duration(0)
	if rate > 0 {
		pause = time.Second * time.Duration(group) / time.Duration(rate)
	} else {
		group = 64
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: group}}
	done, began := 0, time.Now()
	for time.Since(began) < during {
		round := time.Now()
		if err := askAndKeep(client, address, db, insert, group); err != nil {
			return err
		}
		done += group
		<-time.After(pause - time.Since(round))
	}
	took, err := ownTime()
	fmt.Println(done, took.Nanoseconds(), time.Since(began).Nanoseconds())
	return err
}

func askAndKeep(client *http.Client, address string, db *sql.DB, insert *sql.Stmt, group int) error {
	var all sync.WaitGroup
	for i := range group {
		all.Go(func() {
			answer, err := client.Get(address + "/" + strconv.Itoa(i))
			if err == nil {
				_, _ = io.Copy(io.Discard, answer.Body)
				_ = answer.Body.Close()
			}
		})
	}
	all.Wait()
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	insert = tx.Stmt(insert)
	defer insert.Close()
	for i := range group {
		if _, err := insert.Exec(time.Now().UnixMilli(), i, 1000); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func ownTime() (time.Duration, error) {
	fields := statOf("/proc/self/stat")
	if len(fields) < 13 {
		return 0, fmt.Errorf("read /proc/self/stat")
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond, nil
}

// bareFloor is what one request and one row cost without anything of ours, and how many a second there were.
func bareFloor(tb testing.TB, rate, seconds int) (each time.Duration, perSecond float64) {
	tb.Helper()
	f := &farm{TB: tb, target: newTarget(64)}
	f.target.keeps = false
	cmd := exec.Command(floorProgram, f.serve(f.target), strconv.Itoa(rate), strconv.Itoa(seconds), filepath.Join(tb.TempDir(), "floor.db"))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	var done, took, lasted int64
	if _, err := fmt.Sscan(line, &done, &took, &lasted); err != nil || cmd.Wait() != nil || done == 0 {
		tb.Fatalf("the floor says %q, %v", line, err)
	}
	return time.Duration(took / done), float64(done) / time.Duration(lasted).Seconds()
}
