package incidents

// Stands tells that our public page says all that the post is to say.
func (p Post) Stands() bool {
	// A page that reads what is remembered counts nothing, and is never behind.
	return p.ID != "" && (p.Said == 0 || p.Said >= len(p.Updates))
}

// ToldOver tells that the post ends by saying that the present outage is over. That it was closed, by a person or because
// nobody looks any more, is less than that.
func (i Incident) ToldOver() bool {
	n := len(i.Post.Updates)
	return i.State == StateRecovered && i.Post.State == PostResolved && i.Post.Outage == i.Outage &&
		n > 0 && !i.Post.Updates[n-1].At.Before(i.Ended)
}

// shown is what of a post a card shows: of how far it is told, only whether its end is.
func (p Post) shown() Post {
	told := p.State == PostResolved && p.Stands()
	p.Updates, p.ID, p.Said = nil, "", 0
	if told {
		p.Said = 1
	}
	return p
}

// withdraw takes back what was proposed. What customers were told of an outage before stays told.
func (p *Post) withdraw() {
	p.State = PostNone
	if len(p.Updates) > 0 {
		p.State = PostResolved
	}
}

// landed takes how the post stands on the page, and tells whether people are to hear only now that customers are told.
func (p *Post) landed(r PostResult) (news bool) {
	p.ID, p.URL, p.ByHand, p.Said = r.ID, r.URL, r.ByHand, r.Said
	return p.heard()
}

// heard tells whether people wait to hear that customers are told, and customers are; they wait no more then.
func (p *Post) heard() bool {
	n := len(p.Updates)
	begun := n > 0 && p.Updates[n-1].Phase != PhaseResolved && p.Stands()
	if !p.Waiting || !begun && !p.ByHand {
		return false
	}
	p.Waiting = false
	return p.State == PostPublished && !p.ByHand
}
