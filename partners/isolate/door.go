package isolate

import "time"

// knock asks the parent for a connection.
type knock struct {
	ID      int64         `json:"id"`
	Network string        `json:"network"`
	Address string        `json:"address"`
	Within  time.Duration `json:"within"` // 0: as long as the parent likes
}

// opening is what the parent says about one: what it does just now, for who measures it, and at last the connection
// itself beside it, or the fault.
type opening struct {
	ID      int64  `json:"id"`
	Event   string `json:"event,omitempty"`
	Address string `json:"address,omitempty"`
	Done    bool   `json:"done,omitempty"`
	Fault   *fault `json:"fault,omitempty"`
}

// The events of a dial.
const (
	eventLooking   = "looking"
	eventLooked    = "looked"
	eventDialling  = "dialling"
	eventConnected = "connected"
)

const (
	// messageBytes bounds a message through the door.
	messageBytes = 4 << 10
	// dialsAtOnce bounds the connections that are made for a worker side by side.
	dialsAtOnce = 16
)
