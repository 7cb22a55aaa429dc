import { IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';

/*
 * Left out of both are the characters that PostgreSQL's text can't hold: NUL, which it refuses, and halves of
 * surrogate pairs, which have no UTF-8 and would come back as another character. Other control characters have
 * no place in a text that people read, save for line breaks and tabs where there are several lines.
 */
const LINE = /^(?=.*\S)[^\p{Cc}\p{Cs}]*$/u;
const LINES = /^(?:[^\p{Cc}\p{Cs}]|[\t\n\r])*$/u;

/** What a client sends to open a case. */
export class CaseDraft {
  @IsString()
  @Length(1, 200)
  @Matches(LINE, { message: 'title must be a line of text without control characters' })
  title!: string;

  @IsOptional()
  @IsString()
  @MaxLength(10_000)
  @Matches(LINES, { message: 'description must be text without control characters' })
  description?: string | null;
}
