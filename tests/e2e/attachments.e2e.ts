import { expect, test } from '@playwright/test'
import { ask, limitReplies, openChat as openPage } from './chat-page.ts'
import { brief, type Chat, message, mine, openChat, replies, sendButton } from './element-page.ts'

const long = 'Once there was a boat. '.repeat(100)

test('a long paste and text files become chips, go with the message folded, and go by a key @verify', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const chat = await openChat(page, { ...brief, 'max-tokens': '4' })
  const chips = chat.getByRole('list', { name: 'Attached to the message' }).getByRole('listitem')
  const paste = async (text: string) => {
    await page.evaluate((words) => navigator.clipboard.writeText(words), text)
    await message(chat).press('ControlOrMeta+V')
  }

  await paste('A short one.')
  await expect(message(chat)).toHaveValue('A short one.')
  await message(chat).fill('')
  await paste(long)
  await expect(chips).toHaveText([/Pasted text\s+2,300 characters/])
  await expect(message(chat)).toHaveValue('')
  await expect(sendButton(chat)).toBeEnabled()

  const choose = (name: string, buffer: Buffer) =>
    chat.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/plain', buffer })
  await choose('picture.png', Buffer.from([0x89, 0x50, 0x4e, 0x47]))
  await expect(chat.getByText('picture.png: no text, or more than 10 MB.')).toBeVisible()
  await choose('notes.txt', Buffer.from('The boat is red.'))
  await choose('other.txt', Buffer.from('The sea is blue.'))
  await expect(chips).toHaveText([/Pasted text/, /notes.txt\s+16 characters/, /other.txt/])

  await message(chat).press('Backspace') // in front of it stands nothing but the chips
  await expect(chips).toHaveText([/Pasted text/, /notes.txt/])
  await chat.getByRole('button', { name: 'Remove Pasted text' }).press('Delete')
  await expect(chips).toHaveText([/notes.txt/])
  await expect(message(chat)).toBeFocused()

  await message(chat).fill('Which colour?')
  await message(chat).press('Enter')
  await expect(chips).toHaveCount(0)
  await expect(replies(chat)).toHaveCount(1)
  await expect(mine(chat).getByRole('paragraph').last()).toHaveText('Which colour?')
  await expect(mine(chat).getByText('The boat is red.')).toBeHidden()
  await mine(chat).getByText('notes.txt').click()
  await expect(mine(chat).getByText('The boat is red.')).toBeVisible()
  const [said] = await chat.evaluate((element) => (element as Chat).messages)
  expect(said?.text).toBe('notes.txt:\nThe boat is red.\n\nWhich colour?')
})

test('text files that are dropped on the message box are attached; others are left to the page @verify', async ({
  page,
}) => {
  const chat = await openChat(page)
  const drop = (name: string, type: string) =>
    message(chat).evaluate(
      (box, file) => {
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File(['Words.'], file.name, { type: file.type }))
        return !box.dispatchEvent(
          new DragEvent('drop', { dataTransfer, bubbles: true, composed: true, cancelable: true }),
        )
      },
      { name, type },
    )
  expect(await drop('model.pth', '')).toBe(false)
  expect(await drop('notes.md', 'text/markdown')).toBe(true)
  await expect(chat.getByRole('listitem')).toHaveText([/notes.md\s+6 characters/])
})

test('on the page a message is edited without what is attached to it, which stays and is there after a reload @verify', async ({
  page,
}) => {
  await openPage(page)
  await limitReplies(page, 4)
  await page.locator('rwkv-chat').evaluate((element) => {
    ;(element as Chat).attachments = [{ name: 'notes.txt', text: 'The boat is red.' }]
  })
  await ask(page, 'Which colour?')
  await page.getByRole('button', { name: 'Edit' }).click()
  const field = page.getByRole('textbox', { name: 'Your message' })
  await expect(field).toHaveValue('Which colour?')
  await expect(page.locator('.message-editor')).toContainText('notes.txt')
  await field.fill('Which colour is it?')
  await field.press('Enter')
  const said = page.getByRole('log').getByRole('article', { name: 'You' })
  await expect(said).toHaveText(/^\s*notes\.txt\s+16 characters\s*The boat is red\.\s*Which colour is it\?\s*$/)
  await expect(page.getByRole('button', { name: 'Regenerate' })).toBeVisible()
  await page.reload()
  await expect(said).toHaveText(/^\s*notes\.txt\s+16 characters\s*The boat is red\.\s*Which colour is it\?\s*$/)
})
