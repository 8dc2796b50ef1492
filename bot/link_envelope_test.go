package bot

import "encoding/json"

func slash(id, text string) string {
	payload := map[string]any{"command": "/sparky", "text": text, "user_id": "U1", "user_name": "ada", "channel_id": "C1",
		"response_url": "https://slack.test/respond/1", "trigger_id": "t", "is_enterprise_install": "false"}
	raw, _ := json.Marshal(map[string]any{"type": "slash_commands", "envelope_id": id, "accepts_response_payload": true, "payload": payload})
	return string(raw)
}

func click(id, value string) string {
	return envelopeOf("interactive", id, map[string]any{"type": "block_actions", "user": map[string]string{"id": "U1", "username": "ada"},
		"channel":      map[string]string{"id": "C1"},
		"container":    map[string]any{"type": "message", "message_ts": "111.000001", "channel_id": "C1"},
		"message":      map[string]any{"ts": "111.000001", "blocks": "malformed: slack-go refuses the click for it"},
		"response_url": "https://slack.test/respond/2",
		"actions":      []any{map[string]string{"type": "button", "action_id": "sparky.1", "block_id": "b", "value": value}}})
}

func mention(id, event, text string) string {
	return envelopeOf("events_api", id, map[string]any{"type": "event_callback", "event_id": event,
		"authorizations": []any{map[string]any{"user_id": "B", "is_bot": true}},
		"event":          map[string]any{"type": "app_mention", "user": "U1", "text": text, "ts": "222.000001", "channel": "C1"}})
}

func envelopeOf(kind, id string, payload map[string]any) string {
	raw, _ := json.Marshal(map[string]any{"type": kind, "envelope_id": id, "payload": payload, "accepts_response_payload": false})
	return string(raw)
}
