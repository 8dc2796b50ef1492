package partners

// ProbeRecord is what is remembered of a probe's newest runs; each is the zero ProbeResult where there was none.
type ProbeRecord struct {
	Last ProbeResult // the newest of all, which may be one that tells nothing
	Pass ProbeResult // the newest that passed
	Fail ProbeResult // the newest that failed and tells something
}
