package incidents

import "testing"

func TestAnEffectHoldsItsPayload(t *testing.T) {
	e := NewEffect("slack.digest", "digest/okta/1", struct {
		Name string `json:"name"`
	}{"Okta"})
	if e.Key != "digest/okta/1" || e.Kind != "slack.digest" || string(e.Payload) != `{"name":"Okta"}` || e.Picture || !e.After.IsZero() {
		t.Errorf("got %+v", e)
	}
}

func TestAPayloadThatJSONCannotHoldIsAMistakeOfOurs(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an effect without its payload was made")
		}
	}()
	NewEffect("slack.digest", "digest/okta/1", make(chan int))
}
