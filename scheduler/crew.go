package scheduler

// mostIdle is how many goroutines wait for the next run at most. What a thousand probes every ten seconds need are some thirty, and
// what is run as fast as it goes a few hundred.
const mostIdle = 512

// crew are goroutines that run one thing after the other: a new one for each run would let its stack grow anew, step by step,
// each time copying it. They end when done is closed.
type crew struct {
	work chan func()
	idle chan struct{} // holds one for each that waits
	done <-chan struct{}
}

func newCrew(done <-chan struct{}) *crew {
	return &crew{work: make(chan func()), idle: make(chan struct{}, mostIdle), done: done}
}

// run has something run at once, by whoever waits or else by a new goroutine.
func (c *crew) run(what func()) {
	select {
	case c.work <- what:
	default:
		go c.serve(what)
	}
}

// serve runs what it is given, and then waits for more, unless enough do.
func (c *crew) serve(what func()) {
	for {
		what()
		select {
		case c.idle <- struct{}{}:
		default:
			return
		}
		select {
		case what = <-c.work:
			<-c.idle
		case <-c.done:
			<-c.idle
			return
		}
	}
}
