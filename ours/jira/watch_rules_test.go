package jira

import (
	"encoding/json"
	"fmt"
	"testing"
)

func TestARuleThatBeginsAnIssueHasNotTakenIt(t *testing.T) {
	for kind, taken := range map[string]bool{"app": false, "atlassian": true, "": true} {
		var i issue
		text := fmt.Sprintf(`{"key":"ECO-1","fields":{"status":{"id":"3","name":"In Progress","statusCategory":{"key":"indeterminate"}}},
			"changelog":{"histories":[{"created":"2026-11-22T10:00:00.000+0000","items":[{"field":"status"}],
			"author":{"accountId":"a1","displayName":"Somebody","accountType":%q}}]}}`, kind)
		if err := json.Unmarshal([]byte(text), &i); err != nil {
			t.Fatal(err)
		}
		s := new(Client).seen("ECO-1", i, person{AccountID: "sparky"})
		if s.Begun != taken || s.MovedBy != "Somebody" || s.ByUs {
			t.Errorf("moved by an account of type %q: %+v", kind, s)
		}
	}
}
