package bot

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sparky/commands"
)

// pressing is the click of somebody on an element of a message.
func pressing(id string, element map[string]any) string {
	return envelopeOf("interactive", id, map[string]any{"type": "block_actions", "user": map[string]string{"id": "U1", "username": "ada"},
		"channel":   map[string]string{"id": "C1"},
		"container": map[string]any{"type": "message", "message_ts": "111.000001", "channel_id": "C1"}, "response_url": "https://slack.test/respond/2",
		"actions": []any{element}})
}

func labelled(label string) map[string]any {
	return map[string]any{"type": "plain_text", "text": label}
}

// TestAPressedButtonIsKnownByItsName holds that what answers a click can name the button, and that who waits reads that
// name: nobody types what a button sends.
func TestAPressedButtonIsKnownByItsName(t *testing.T) {
	for name, element := range map[string]map[string]any{
		"a button":           {"type": "button", "value": "1:ours sparky-1", "text": labelled("It's ours")},
		"an entry of a menu": {"type": "overflow", "selected_option": map[string]any{"value": "1:ours sparky-1", "text": labelled(" It's\nours ")}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked commands.Request
				f := deliver(t, func(_ context.Context, req commands.Request) commands.Reply {
					asked = req
					elapse(noteAfter + time.Second)
					return commands.Reply{Text: "Done."}
				}, asIs, pressing("E1", element))
				if asked.Button != "It's ours" || asked.Text != "ours sparky-1" {
					t.Errorf("asked %+v", asked)
				}
				var told []string
				for _, call := range f.calls {
					if call.JSON != nil {
						told = append(told, call.JSON["text"].(string))
					}
				}
				if got := strings.Join(told, "|"); got != "Working on it … It's ours|Done." {
					t.Errorf("the person reads %q", got)
				}
			})
		})
	}
}

func TestStaleButtonsAndFormsSaySo(t *testing.T) {
	for what, want := range map[string]string{"click": "This button was drawn", askedByForm: "This form was drawn"} {
		if got := staleReply(ask{what: what}); !strings.HasPrefix(got.Text, want) || !got.Failed {
			t.Errorf("%s: %+v", what, got)
		}
	}
}
