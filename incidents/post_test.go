package incidents

import (
	"testing"
	"time"
)

func TestAPostStandsOnceOurPageSaysAllOfIt(t *testing.T) {
	two := []PostUpdate{{Phase: PhaseIdentified}, {Phase: PhaseResolved}}
	for name, c := range map[string]struct {
		post Post
		want bool
	}{
		"nothing was written":           {Post{Updates: two}, false},
		"the first of two":              {Post{ID: "p", Updates: two, Said: 1}, false},
		"both":                          {Post{ID: "p", Updates: two, Said: 2}, true},
		"a page that reads what we say": {Post{ID: "p", Updates: two}, true},
	} {
		if got := c.post.Stands(); got != c.want {
			t.Errorf("%s: stands %v", name, got)
		}
	}
}

func TestCustomersAreToldThatItIsOverOnlyByWhatSaysSo(t *testing.T) {
	over := Incident{State: StateRecovered, Outage: 2, Ended: now, Post: Post{State: PostResolved, Outage: 2,
		Updates: []PostUpdate{{At: now.Add(-time.Hour), Phase: PhaseIdentified}, {At: now, Phase: PhaseResolved}}}}
	if !over.ToldOver() {
		t.Error("its end was told")
	}
	for name, change := range map[string]func(*Incident){
		"of an earlier outage":               func(i *Incident) { i.Post.Outage = 1 },
		"before Sparky kept of which outage": func(i *Incident) { i.Post.Outage = 0 },
		"closed by a person, and over later": func(i *Incident) { i.Ended = now.Add(time.Minute) },
		"while it fails":                     func(i *Incident) { i.State = StateClosed },
		"no longer watched":                  func(i *Incident) { i.State = StateUnwatched },
		"never published":                    func(i *Incident) { i.Post = Post{} },
	} {
		i := over
		change(&i)
		if i.ToldOver() {
			t.Errorf("%s: it was not told", name)
		}
	}
}

func TestAPostIsOfTheOutageInWhichItWasPublished(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.fails("snow/create")
	d.passes("snow/create", "snow/create")
	if in := d.only(); in.Post.Outage != 1 || !in.ToldOver() {
		t.Fatalf("the first: post %+v", in.Post)
	}
	d.verdict = Verdict{Word: Internal, Reason: ReasonCredentials, Says: "Ours."}
	d.later(time.Minute)
	d.fails("snow/create")
	d.passes("snow/create", "snow/create")
	in := d.only()
	if in.Outage != 2 || in.Post.Outage != 1 || in.ToldOver() {
		t.Errorf("nothing was published of outage %d, and its post is of %d", in.Outage, in.Post.Outage)
	}
}

// published are the times that people were told that customers are.
func (d *desktop) published() (n int) {
	for _, e := range d.only().Events {
		if e.Kind == EventPublished && e.By == "" {
			n++
		}
	}
	return n
}

func TestThatCustomersAreToldIsSaidOnceThePostStands(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.fails("snow/create")
	d.landed()
	ref := Ref{Incident: d.only().ID}
	if d.published() != 0 || !d.only().Post.Waiting {
		t.Fatalf("before the post stood: %+v", d.only().Events)
	}
	for range 2 {
		d.land(EffectPost, ref, PostResult{ID: "p1", Said: 1})
		if d.published() != 1 || d.only().Post.Waiting {
			t.Fatalf("once it stood: %+v", d.only().Events)
		}
	}
	d.passes("snow/create", "snow/create")
	d.land(EffectPost, ref, PostResult{ID: "p1", Said: 2})
	d.later(time.Minute)
	d.fails("snow/create")
	d.asked()
	if d.published() != 1 || !d.only().Post.Waiting {
		t.Errorf("our page knows nothing of the second outage yet: %+v", d.only().Events)
	}
	d.land(EffectPost, ref, PostResult{ID: "p1", Said: 3})
	if d.published() != 2 {
		t.Errorf("of the second outage: %+v", d.only().Events)
	}
	d.wantAsked(EffectComment, EffectComponents, EffectCard, EffectThread)
}

func TestWhatWasOverBeforeThePostStoodIsToldNobody(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.fails("snow/create")
	d.passes("snow/create", "snow/create")
	ref := Ref{Incident: d.only().ID}
	d.land(EffectPost, ref, PostResult{ID: "p1", Said: 1})
	d.asked()
	if d.published() != 0 || d.only().Post.Waiting {
		t.Errorf("it was over: %+v", d.only().Events)
	}
	d.land(EffectPost, ref, PostResult{ID: "p1", Said: 2})
	d.wantAsked(EffectComponents, EffectCard) // the card says now that they were told of the end
}

func TestAPageThatReadsWhatIsRememberedIsNeverBehind(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.fails("snow/create")
	d.land(EffectPost, Ref{Incident: d.only().ID}, PostResult{ID: "sparky-snow"})
	d.passes("snow/create", "snow/create")
	d.fails("snow/create")
	if d.published() != 2 {
		t.Errorf("told of %d outages: %+v", d.published(), d.only().Events)
	}
}

func TestWhatSomebodyEditedIsNotSaidToBeOurs(t *testing.T) {
	d := newDesktop(t)
	d.verdict = external()
	d.fails("snow/create")
	ref := Ref{Incident: d.only().ID}
	d.land(EffectPost, ref, PostResult{ID: "p1", Said: 1})
	d.passes("snow/create", "snow/create")
	d.land(EffectPost, ref, PostResult{ID: "p1", Said: 1, ByHand: true})
	d.fails("snow/create")
	d.land(EffectPost, ref, PostResult{ID: "p1", Said: 1, ByHand: true})
	if d.published() != 1 || d.only().Post.Waiting {
		t.Errorf("Sparky leaves it alone: %+v", d.only().Post)
	}
}
