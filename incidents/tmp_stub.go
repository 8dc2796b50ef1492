package incidents
import "time"
func PublicUpdate(i Incident, now time.Time) PostUpdate { return PostUpdate{At: now} }
func CommentText(e Event, i Incident) string { return e.Text }
