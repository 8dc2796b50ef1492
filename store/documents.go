package store

import (
	"context"
	"database/sql"
	"fmt"

	"sparky/changes"
)

// Document is what is remembered of the last reading of a source whose entries come of comparing it; nil for none.
func (s *Store) Document(ctx context.Context, partner, source string) ([]byte, error) {
	found, err := rows(ctx, s.read, "read what is remembered of "+source, func(row *sql.Rows) ([]byte, error) {
		var data []byte
		return data, row.Scan(&data)
	}, `select document from documents where partner = $1 and source = $2`, text(partner), text(source))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// saveDocument keeps a document in place of the one before.
func saveDocument(ctx context.Context, tx *sql.Tx, d changes.Document) error {
	_, err := tx.ExecContext(ctx, `insert into documents (partner, source, document) values ($1, $2, $3)
		on conflict (partner, source) do update set document = excluded.document`, text(d.Partner), text(d.Source), d.Data)
	if err != nil {
		return fmt.Errorf("document of %s: %w", d.Source, err)
	}
	return nil
}
